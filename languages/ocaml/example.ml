let () =
  print_endline "Hello, world!";
  List.init 10 (fun n -> n * n) |> List.fold_left ( + ) 0 |> Printf.printf "%d\n"
