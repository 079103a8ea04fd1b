import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Main {
    public static void main(String[] args) throws Exception {
        String text = "mail to ann@example.org and bob@example.com";
        Matcher found = Pattern.compile("(?<name>\\w+)@([\\w.]+)").matcher(text);
        while (found.find()) System.out.println(found.group("name") + " of " + found.group(2) + " at " + found.start());
        System.out.println(text.replaceAll("(\\w+)@", "<$1>") + " " + "2024-02-29".matches("\\d{4}(-\\d\\d){2}"));
    }
}
