#include <functional>
#include <iostream>
#include <numeric>
#include <vector>

int main()
{
    int calls = 0;
    auto counter = [&calls](int by) mutable { return calls += by; };
    std::function<int(int)> factorial = [&](int n) { return n < 2 ? 1 : n * factorial(n - 1); };
    std::vector<int> numbers(10);
    std::iota(numbers.begin(), numbers.end(), 1);
    std::cout << counter(2) + counter(3) << ' ' << factorial(10) << ' '
              << std::accumulate(numbers.begin(), numbers.end(), 0, [](int a, int b) { return a * 2 + b; }) << '\n';
}
