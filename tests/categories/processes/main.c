#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2], status;
    pipe(ends);
    if (fork() == 0) {
        dprintf(ends[1], "from the child");
        _exit(7);
    }
    wait(&status);
    char text[64] = "";
    read(ends[0], text, sizeof text - 1);
    printf("%s %d\n", text, WEXITSTATUS(status));
    FILE *shell = popen("echo from a shell", "r");
    fgets(text, sizeof text, shell);
    printf("%s%d\n", text, pclose(shell));
}
