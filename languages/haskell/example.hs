main :: IO ()
main = do
  putStrLn "Hello, world!"
  print (sum [n * n | n <- [0 .. 9 :: Int]])
