#include <iostream>
#include <regex>
#include <string>

int main()
{
    std::string text = "mail to ann@example.org and bob@example.com";
    std::regex pattern("(\\w+)@([\\w.]+)");
    for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found)
        std::cout << (*found)[1] << " of " << (*found)[2] << '\n';
    std::cout << std::regex_replace(text, pattern, "$2") << ' ' << std::regex_match("2024-02-29", std::regex(R"(\d{4}-\d\d-\d\d)")) << '\n';
}
