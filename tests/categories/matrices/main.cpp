#include <array>
#include <iostream>
#include <memory>

int main()
{
    using Matrix = std::array<std::array<double, 150>, 150>;
    auto a = std::make_unique<Matrix>(), b = std::make_unique<Matrix>(), product = std::make_unique<Matrix>();
    for (int i = 0; i < 150; i++)
        for (int j = 0; j < 150; j++) {
            (*a)[i][j] = i + j;
            (*b)[i][j] = i - j;
        }
    for (int i = 0; i < 150; i++)
        for (int k = 0; k < 150; k++)
            for (int j = 0; j < 150; j++)
                (*product)[i][j] += (*a)[i][k] * (*b)[k][j];
    std::cout << (*product)[0][0] << ' ' << (*product)[149][75] << '\n';
}
