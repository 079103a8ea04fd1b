import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

public class Main {
    public static void main(String[] args) throws Exception {
        Random source = new Random(7);
        System.out.println(source.nextInt() + " " + source.nextDouble() + " " + source.nextGaussian());
        List<Integer> cards = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
        Collections.shuffle(cards, source);
        System.out.println(cards + " " + new SecureRandom().generateSeed(8).length + " " + (Math.random() < 1));
    }
}
