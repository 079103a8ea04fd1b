#include <stdio.h>

int main(void)
{
    enum { SIZE = 40 };
    static int from[SIZE * SIZE], queue[SIZE * SIZE];
    int first = 0, last = 0;
    queue[last++] = 0;
    from[0] = 1;
    while (first < last) {
        int at = queue[first++], x = at % SIZE, y = at / SIZE;
        int next[] = {x + 1 < SIZE ? at + 1 : -1, y + 1 < SIZE ? at + SIZE : -1, x > 0 ? at - 1 : -1, y > 0 ? at - SIZE : -1};
        for (int way = 0; way < 4; way++)
            if (next[way] >= 0 && !from[next[way]] && next[way] * 7919 % 5 != 1) {
                from[next[way]] = from[at] + 1;
                queue[last++] = next[way];
            }
    }
    printf("%d %d\n", last, from[SIZE * SIZE - 1]);
}
