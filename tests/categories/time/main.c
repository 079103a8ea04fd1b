#include <stdio.h>
#include <time.h>

int main(void)
{
    time_t moment = 1000000000;
    char text[64];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %A", gmtime(&moment));
    puts(text);
    struct timespec before, after, pause = {0, 20000000};
    clock_gettime(CLOCK_MONOTONIC, &before);
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("%d\n", (after.tv_sec - before.tv_sec) * 1e9 + after.tv_nsec - before.tv_nsec >= 2e7);
    printf("%d\n", time(NULL) > 1700000000);
}
