import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.PriorityQueue;

public class Main {
    public static void main(String[] args) throws Exception {
        PriorityQueue<int[]> queue = new PriorityQueue<>((a, b) -> a[0] - b[0]);
        int[] distance = new int[500];
        Arrays.fill(distance, Integer.MAX_VALUE);
        distance[0] = 0;
        queue.add(new int[] {0, 0});
        while (!queue.isEmpty()) {
            int[] top = queue.poll();
            if (top[0] > distance[top[1]]) continue;
            for (int way = 1; way <= 3; way++) {
                int next = (top[1] * 7 + way * 13) % 500, length = top[0] + way * (top[1] % 11 + 1);
                if (length < distance[next]) queue.add(new int[] {distance[next] = length, next});
            }
        }
        System.out.println(distance[499] + " " + new ArrayDeque<>(java.util.List.of(1, 2, 3)).pollLast());
    }
}
