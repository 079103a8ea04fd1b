#include <atomic>
#include <future>
#include <iostream>
#include <thread>
#include <vector>

int main()
{
    std::atomic<long> total{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; number++)
        threads.emplace_back([&, number] {
            for (int n = 0; n < 10000; n++)
                total += number;
        });
    for (auto &thread : threads)
        thread.join();
    std::cout << total << ' ' << std::async(std::launch::async, [] { return 42; }).get() << '\n';
}
