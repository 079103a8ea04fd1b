import java.nio.charset.Charset;
import java.text.Normalizer;

public class Main {
    public static void main(String[] args) throws Exception {
        String text = "grüße 日本 😀";
        System.out.println(text.length() + " " + text.codePointCount(0, text.length()) + " " + text.getBytes("UTF-8").length);
        System.out.println(text.toUpperCase() + " " + new StringBuilder(text).reverse() + " " + Charset.defaultCharset());
        System.out.println(Normalizer.normalize("é", Normalizer.Form.NFD).length() + " " + Character.getName('ß'));
    }
}
