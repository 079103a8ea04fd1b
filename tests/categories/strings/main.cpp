#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

int main()
{
    std::ostringstream text;
    for (int n = 0; n < 100000; n++)
        text << n << ',';
    std::string all = text.str();
    std::cout << all.size() << ' ' << all.substr(all.find("99997")) << '\n';
    std::string word, words = "the quick brown fox";
    for (std::istringstream in(words); in >> word;)
        std::cout << '[' << std::setw(6) << std::left << word << ']';
    std::cout << '\n' << std::string(words.rbegin(), words.rend()) << '\n';
}
