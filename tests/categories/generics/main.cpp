#include <iostream>
#include <string>
#include <vector>

template <typename T> T largest(const std::vector<T> &all)
{
    T found = all[0];
    for (const T &one : all)
        if (found < one)
            found = one;
    return found;
}
template <typename... T> auto sum(T... all) { return (all + ...); }
template <int Base, int N> struct Power { static constexpr long value = Base * Power<Base, N - 1>::value; };
template <int Base> struct Power<Base, 0> { static constexpr long value = 1; };

int main()
{
    std::cout << largest(std::vector<int>{3, 9, 2}) << ' ' << largest(std::vector<std::string>{"b", "a"}) << '\n';
    std::cout << sum(1, 2.5, 3L) << ' ' << Power<3, 7>::value << '\n';
}
