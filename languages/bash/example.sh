for name in world; do
  echo "Hello, $name!"
done
sum=0
for n in {0..9}; do
  ((sum += n * n))
done
echo "$sum"
