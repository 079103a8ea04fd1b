#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>

int main()
{
    std::cout << std::setprecision(17) << std::sqrt(2.0) << ' ' << std::sin(1e6) << ' ' << 0.1 + 0.2 << '\n';
    std::cout << std::numeric_limits<double>::epsilon() << ' ' << std::numeric_limits<double>::infinity() << '\n';
    std::cout << std::fixed << 1e22 << ' ' << std::hexfloat << 0.1f << '\n';
}
