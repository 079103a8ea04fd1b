#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

int main()
{
    std::ifstream file("data.txt");
    std::string line;
    for (int number = 1; std::getline(file, line); number++)
        std::cout << number << ' ' << line.size() << ' ' << line << '\n';
    std::cout << std::filesystem::file_size("data.txt") << ' ' << std::filesystem::exists("missing.txt") << '\n';
}
