public class Main {
    public static void main(String[] args) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < 100000; n++) text.append(n).append(',');
        System.out.println(text.length() + " " + text.substring(text.indexOf("99997")));
        for (String word : "the quick brown fox".split(" ")) System.out.printf("[%-6s]", word.toUpperCase());
        System.out.println();
        System.out.println(String.join("|", "a,b,,c".split(",")) + " ".repeat(3) + "x".compareTo("y") + " padded ".strip());
    }
}
