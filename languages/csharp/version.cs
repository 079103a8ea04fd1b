using System;

class Version
{
    static void Main() { Console.WriteLine(Environment.Version); }
}
