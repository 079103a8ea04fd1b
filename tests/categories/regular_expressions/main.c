#include <regex.h>
#include <stdio.h>

int main(void)
{
    regex_t pattern;
    regmatch_t found[3];
    const char *text = "mail to ann@example.org and bob@example.com";
    regcomp(&pattern, "([a-z]+)@([a-z.]+)", REG_EXTENDED);
    for (; regexec(&pattern, text, 3, found, 0) == 0; text += found[0].rm_eo)
        printf("%.*s of %.*s\n", (int)(found[1].rm_eo - found[1].rm_so), text + found[1].rm_so,
               (int)(found[2].rm_eo - found[2].rm_so), text + found[2].rm_so);
}
