#include <iostream>
#include <vector>

int main()
{
    std::vector<int> digits{1};
    for (int n = 2; n <= 150; n++) {
        int carry = 0;
        for (int &digit : digits) {
            carry += digit * n;
            digit = carry % 10;
            carry /= 10;
        }
        for (; carry; carry /= 10)
            digits.push_back(carry % 10);
    }
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit)
        std::cout << *digit;
    std::cout << '\n' << static_cast<unsigned long>((static_cast<__int128>(1) << 100) >> 40) << '\n';
}
