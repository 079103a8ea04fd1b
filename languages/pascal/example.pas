program Example;
var
  N, Sum: Integer;
begin
  WriteLn('Hello, world!');
  Sum := 0;
  for N := 0 to 9 do
    Sum := Sum + N * N;
  WriteLn(Sum);
end.
