#include <ctype.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    char text[8192] = "", *at = text;
    for (int n = 0; n < 1000; n++)
        at += sprintf(at, "%d,", n);
    printf("%zu %s\n", strlen(text), strstr(text, "997"));
    char words[] = "the quick brown fox";
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        word[0] = toupper(word[0]);
        printf("[%-6s]", word);
    }
    puts("");
}
