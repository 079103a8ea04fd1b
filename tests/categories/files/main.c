#include <stdio.h>
#include <string.h>

int main(void)
{
    char line[256];
    FILE *file = fopen("data.txt", "r");
    for (int number = 1; fgets(line, sizeof line, file); number++)
        printf("%d %zu %s", number, strlen(line), line);
    printf("\n%d\n", fopen("missing.txt", "r") == NULL);
}
