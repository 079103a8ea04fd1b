import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

public class Main {
    public static void main(String[] args) throws Exception {
        BigInteger product = BigInteger.ONE;
        for (int n = 2; n <= 150; n++) product = product.multiply(BigInteger.valueOf(n));
        System.out.println(product);
        System.out.println(BigInteger.TWO.modPow(new BigInteger("123456789012345678901234567890"), BigInteger.valueOf(1000000007)));
        System.out.println(new BigDecimal("1").divide(new BigDecimal("7"), new MathContext(50)));
    }
}
