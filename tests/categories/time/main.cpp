#include <chrono>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <thread>

int main()
{
    auto before = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::cout << (std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(20)) << '\n';
    std::time_t moment = std::chrono::system_clock::to_time_t(std::chrono::system_clock::time_point(std::chrono::hours(300000)));
    std::cout << std::put_time(std::gmtime(&moment), "%F %T %A") << '\n';
}
