#define _XOPEN_SOURCE 700
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

int main(void)
{
    printf("%s\n", setlocale(LC_ALL, "C.UTF-8"));
    wchar_t wide[64];
    size_t count = mbstowcs(wide, "grüße 日本 😀", 64);
    printf("%zu %zu %lx %d\n", count, strlen("grüße 日本 😀"), (long)wide[count - 1], wcwidth(wide[6]));
    for (size_t at = 0; at < count; at++)
        wide[at] = towupper(wide[at]);
    printf("%ls\n", wide);
}
