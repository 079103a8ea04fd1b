#include <csignal>
#include <cstdlib>
#include <iostream>

static volatile std::sig_atomic_t told = 0;

int main()
{
    std::signal(SIGUSR1, [](int) { told = 1; });
    std::raise(SIGUSR1);
    std::atexit([] { std::cout << "at the end\n"; });
    std::cout << told << ' ' << std::system("exit 3") / 256 << ' ' << (std::getenv("NOBODY") == nullptr) << std::endl;
}
