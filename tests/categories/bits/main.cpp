#include <bitset>
#include <iostream>

int main()
{
    std::bitset<16> bits(0xF0F0);
    std::cout << bits << ' ' << bits.count() << ' ' << (bits << 2) << ' ' << ~bits << '\n';
    std::cout << (-17 >> 2) << ' ' << (1u - 2u) << ' ' << 0b1010'1010 << ' ' << sizeof(long) << '\n';
}
