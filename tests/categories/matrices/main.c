#include <stdio.h>

enum { N = 150 };

int main(void)
{
    static double a[N][N], b[N][N], product[N][N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = i + j;
            b[i][j] = i - j;
        }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                product[i][j] += a[i][k] * b[k][j];
    printf("%.1f %.1f\n", product[0][0], product[N - 1][N / 2]);
}
