using System;
using System.Linq;

class Example
{
    static void Main()
    {
        Console.WriteLine("Hello, world!");
        Console.WriteLine(Enumerable.Range(0, 10).Sum(n => n * n));
    }
}
