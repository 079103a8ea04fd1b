program Version;
begin
  WriteLn({$I %FPCVERSION%});
end.
