#include <algorithm>
#include <cstdint>
#include <iostream>
#include <vector>

int main()
{
    std::vector<std::uint32_t> numbers(1000000);
    std::uint32_t seed = 1;
    for (auto &number : numbers)
        number = seed = seed * 1664525 + 1013904223;
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t at = 0; at < numbers.size(); at += 99999)
        std::cout << numbers[at] << '\n';
    std::stable_sort(numbers.begin(), numbers.end(), [](auto a, auto b) { return a % 10 < b % 10; });
    std::cout << numbers.front() << ' ' << numbers.back() << '\n';
}
