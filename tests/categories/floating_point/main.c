#include <math.h>
#include <stdio.h>

int main(void)
{
    double sum = 0;
    for (int n = 1; n <= 1000; n++)
        sum += 1.0 / n;
    printf("%.17g %.17g %.17g\n", sum, sqrt(2), sin(1e6));
    printf("%g %g %d\n", 0.1 + 0.2, 1 / 3.0, isnan(0.0 / sum - 0.0 / sum) != 0);
    printf("%a %.0f %e\n", 0.1f + 0.2f, 1e22, 5e-324);
}
