@echo off
rem Puts "flightveil - clean copies" and "flightveil - what it tells" into the
rem Send To menu of this user. Run it once from the folder of flightveil.exe;
rem run it with /remove to take both out again.
setlocal
set "menu=%APPDATA%\Microsoft\Windows\SendTo"
set "program=%~dp0flightveil.exe"
if /i "%~1"=="/remove" (
  del "%menu%\flightveil - clean copies.cmd" "%menu%\flightveil - what it tells.cmd"
  exit /b 0
)
if not exist "%program%" (
  echo flightveil.exe must lie beside this file.
  exit /b 1
)
> "%menu%\flightveil - what it tells.cmd" (
  echo @echo off
  echo "%program%" inspect %%*
  echo pause
)
> "%menu%\flightveil - clean copies.cmd" (
  echo @echo off
  echo "%program%" scrub %%* -o "%%~dp1clean"
  echo pause
)
echo Done: select files, right-click, Send to.
