import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Scanner;

public class Main {
    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        int total = 0;
        for (String line; (line = input.readLine()) != null; ) {
            Scanner words = new Scanner(line);
            if (words.hasNextInt()) total += words.nextInt();
            else System.out.println("no count: " + line);
        }
        System.out.println(total);
    }
}
