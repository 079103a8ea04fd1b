#include <pthread.h>
#include <stdio.h>

static long total;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *number)
{
    for (int n = 0; n < 10000; n++) {
        pthread_mutex_lock(&lock);
        total += (long)number;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[8];
    for (long number = 0; number < 8; number++)
        pthread_create(&threads[number], NULL, work, (void *)number);
    for (int number = 0; number < 8; number++)
        pthread_join(threads[number], NULL);
    printf("%ld\n", total);
}
