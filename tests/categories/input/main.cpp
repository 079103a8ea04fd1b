#include <iostream>
#include <sstream>
#include <string>

int main()
{
    std::string line, word;
    int count, total = 0;
    while (std::getline(std::cin, line)) {
        std::istringstream in(line);
        if (in >> count >> word)
            total += count;
        else
            std::cout << "no count: " << line << '\n';
    }
    std::cout << total << '\n';
}
