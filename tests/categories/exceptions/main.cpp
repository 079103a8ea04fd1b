#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

struct Guard {
    ~Guard() { std::cout << "left; "; }
};

static void fail(int n)
{
    if (n == 1)
        throw std::runtime_error("one");
    if (n == 2)
        std::vector<int>(3).at(n + 5);
    if (n == 3)
        (void)std::stoi("no number");
}

int main()
{
    for (int n = 0; n < 4; n++)
        try {
            Guard guard;
            fail(n);
            std::cout << "not thrown\n";
        } catch (const std::out_of_range &error) {
            std::cout << "range: " << error.what() << '\n';
        } catch (const std::exception &error) {
            std::cout << "other: " << error.what() << '\n';
        }
}
