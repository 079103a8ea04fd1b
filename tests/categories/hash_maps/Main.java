import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

public class Main {
    public static void main(String[] args) throws Exception {
        Map<String, Integer> counts = new HashMap<>();
        for (int n = 0; n < 200000; n++) counts.merge("key" + n % 1009, n % 7, Integer::sum);
        System.out.println(counts.size() + " " + counts.get("key7") + " " + counts.getOrDefault("nobody", -1));
        System.out.println(new TreeMap<>(counts).firstEntry() + " " + Map.of("a", 1) + " " + new TreeSet<>(counts.values()).last());
    }
}
