#include <iostream>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

int main()
{
    std::unordered_map<std::string, int> counts;
    for (int n = 0; n < 200000; n++)
        counts["key" + std::to_string(n % 1009)] += n % 7;
    std::map<int, std::set<std::string>> sorted;
    for (const auto &[key, count] : counts)
        sorted[count].insert(key);
    std::cout << counts.size() << ' ' << sorted.size() << ' ' << sorted.rbegin()->first << '\n';
    std::cout << *sorted.begin()->second.begin() << ' ' << counts.count("nobody") << '\n';
}
