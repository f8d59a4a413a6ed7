; Installer for Windows, by Inno Setup 6.3 or newer. build.py calls it with the bundle's folder, the
; version and the name of the result:  iscc /DBundle=... /DVersion=... /DIcon=... installer.iss
; Compiled, and installed and removed with stand-ins for the two programs, by Inno Setup 6.4 under Wine
; (for all users; Wine has no folder for programs of one user). Not run on Windows.

#ifndef Bundle
  #error Bundle is not given: run build_scripts/build.py
#endif

[Setup]
AppId={{6E0B2A52-6B0A-4D0B-9C1D-3F1B6C1E8A77}
AppName=DE-CAM Studio
AppVersion={#Version}
AppVerName=DE-CAM Studio {#Version}
AppPublisher=DE-CAM Studio contributors
LicenseFile={#Bundle}\_internal\licences\LICENSE
VersionInfoVersion={#Version}
DefaultDirName={autopf}\DE-CAM Studio
DefaultGroupName=DE-CAM Studio
DisableProgramGroupPage=yes
; Without an administrator's password: for this user alone, unless the user wants it otherwise.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\decam-studio.exe
UninstallDisplayName=DE-CAM Studio
ChangesAssociations=yes
ChangesEnvironment=yes

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "models"; Description: "Open .onnx files with DE-CAM Studio"; Flags: unchecked
Name: "path"; Description: "Add the command decam to PATH"; Flags: unchecked

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[InstallDelete]
; Libraries of an older version must not stay beside those of this one.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\DE-CAM Studio"; Filename: "{app}\decam-studio.exe"
Name: "{autodesktop}\DE-CAM Studio"; Filename: "{app}\decam-studio.exe"; Tasks: desktopicon

[Registry]
; Session files are this application's own; models belong to others too, so only "open with" is
; offered unless the task says otherwise.
Root: HKA; Subkey: "Software\Classes\.decam\OpenWithProgids"; ValueType: string; ValueName: "DecamStudio.Session"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\.decam"; ValueType: string; ValueName: ""; ValueData: "DecamStudio.Session"; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\DecamStudio.Session"; ValueType: string; ValueName: ""; ValueData: "DE-CAM Studio session"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\DecamStudio.Session\DefaultIcon"; ValueType: string; ValueName: ""; ValueData: "{app}\decam-studio.exe,0"
Root: HKA; Subkey: "Software\Classes\DecamStudio.Session\shell\open\command"; ValueType: string; ValueName: ""; ValueData: """{app}\decam-studio.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.onnx\OpenWithProgids"; ValueType: string; ValueName: "DecamStudio.Model"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\.onnx"; ValueType: string; ValueName: ""; ValueData: "DecamStudio.Model"; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: models
Root: HKA; Subkey: "Software\Classes\DecamStudio.Model"; ValueType: string; ValueName: ""; ValueData: "ONNX model"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\DecamStudio.Model\shell\open\command"; ValueType: string; ValueName: ""; ValueData: """{app}\decam-studio.exe"" ""%1"""
; Of the user who installs, in either mode.
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{code:WithApp}"; Tasks: path; Check: PathIsNew

[Run]
Filename: "{app}\decam-studio.exe"; Description: "{cm:LaunchProgram,DE-CAM Studio}"; Flags: nowait postinstall skipifsilent

[Code]
const
  EnvironmentKey = 'Environment';

function UserPath(): String;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, EnvironmentKey, 'Path', Result) then
    Result := '';
end;

function PlaceIn(Paths: String): Integer;
begin
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Paths) + ';');
end;

function PathIsNew(): Boolean;
begin
  Result := PlaceIn(UserPath()) = 0;
end;

{ No semicolon where there was nothing before. }
function WithApp(Param: String): String;
begin
  Result := UserPath();
  if (Result <> '') and (Result[Length(Result)] <> ';') then
    Result := Result + ';';
  Result := Result + ExpandConstant('{app}');
end;

{ What the task "path" added goes with the application; the rest of the user's PATH stays. }
procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
var
  Paths: String;
  Place: Integer;
begin
  if CurUninstallStep <> usPostUninstall then
    exit;
  Paths := UserPath();
  Place := PlaceIn(Paths);
  if Place = 0 then
    exit;
  { Where it is not the first, the semicolon before it goes; else the one behind. }
  if Place > 1 then
    Delete(Paths, Place - 1, Length(ExpandConstant('{app}')) + 1)
  else
    Delete(Paths, 1, Length(ExpandConstant('{app}')) + 1);
  if Paths = '' then
    RegDeleteValue(HKEY_CURRENT_USER, EnvironmentKey, 'Path')
  else
    RegWriteExpandStringValue(HKEY_CURRENT_USER, EnvironmentKey, 'Path', Paths);
end;
