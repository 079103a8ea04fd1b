#include <stdio.h>

int main(void)
{
    char line[256], word[64];
    int count, total = 0;
    while (fgets(line, sizeof line, stdin))
        if (sscanf(line, "%d %63s", &count, word) == 2)
            total += printf("%s: %d\n", word, count);
        else
            printf("no count: %s", line);
    printf("%d\n", total);
}
