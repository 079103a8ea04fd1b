#include <iostream>
#include <string>

int main()
{
    std::u32string wide = U"grüße 日本 😀";
    std::string text = "grüße 日本 😀";
    std::cout << wide.size() << ' ' << text.size() << ' ' << std::hex << static_cast<unsigned>(wide.back()) << '\n';
    std::cout << text.substr(0, 4) << u8"\u00e9" << '\n';
}
