let () = print_endline Sys.ocaml_version
