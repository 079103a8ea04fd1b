#include <algorithm>
#include <functional>
#include <iostream>
#include <queue>
#include <utility>
#include <vector>

int main()
{
    std::priority_queue<std::pair<int, int>, std::vector<std::pair<int, int>>, std::greater<>> queue;
    std::vector<int> distance(500, 1 << 30);
    queue.push({distance[0] = 0, 0});
    while (!queue.empty()) {
        auto [far, at] = queue.top();
        queue.pop();
        if (far > distance[at])
            continue;
        for (int way = 1; way <= 3; way++)
            if (int next = (at * 7 + way * 13) % 500, length = far + way * (at % 11 + 1); length < distance[next])
                queue.push({distance[next] = length, next});
    }
    std::cout << distance[499] << ' ' << *std::max_element(distance.begin(), distance.end()) << '\n';
}
