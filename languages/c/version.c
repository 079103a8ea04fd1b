#include <stdio.h>

int main(void) { return puts(__VERSION__) < 0; }
