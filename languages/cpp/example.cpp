#include <iostream>

int main()
{
    std::cout << "Hello, world!\n";
    int sum = 0;
    for (int number = 0; number < 10; ++number)
        sum += number * number;
    std::cout << sum << '\n';
}
