#include <iostream>
#include <random>

int main()
{
    std::mt19937_64 source(7);
    std::uniform_int_distribution<int> dice(1, 6);
    for (int n = 0; n < 20; n++)
        std::cout << dice(source) << ' ';
    std::normal_distribution<double> bell(0, 1);
    std::cout << bell(source) << '\n';
    std::random_device device;
    std::cout << (device() != device() || device() != device()) << '\n';
}
