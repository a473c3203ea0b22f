; Setup.exe: per user or for all users, 64-bit. makensis is started by installers/windows.py, which fills in what is
; between the @ signs. Silent: Setup.exe /S [/CurrentUser | /AllUsers] [/D=C:\folder]; uninstall.exe /S takes it away.
Target amd64-unicode
Unicode true
SetCompressor /SOLID lzma
ManifestDPIAware true

!define PRODUCT "paramdesk"
!define VERSION "@VERSION@"
!define CLASS "paramdesk.architecture"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${PRODUCT}"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_INSTDIR "${PRODUCT}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "Software\${PRODUCT}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "Folder"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "Software\${PRODUCT}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "Folder"

!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include x64.nsh

Var Asked

Name "${PRODUCT} ${VERSION}"
OutFile "@TARGET@"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${PRODUCT}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "@SUMMARY@"
VIAddVersionKey LegalCopyright "The paramdesk authors, MIT licence"

!define MUI_ICON "@ICON@"
!define MUI_UNICON "@ICON@"
!define MUI_FINISHPAGE_RUN "$INSTDIR\paramdesk.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "@LICENCE_FILE@"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "paramdesk needs a 64-bit Windows." /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
  ; Only /D= has set it so far, and MultiUser would forget what it says.
  StrCpy $Asked $INSTDIR
  !insertmacro MULTIUSER_INIT
  ${If} $Asked != ""
    StrCpy $INSTDIR $Asked
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; Only what was installed goes, never the whole folder: somebody may have chosen one with other things in it.
!macro RemoveFiles
  RMDir /r "$INSTDIR\app"
  RMDir /r "$INSTDIR\runtime"
  RMDir /r "$INSTDIR\site"
  Delete "$INSTDIR\paramdesk.exe"
  Delete "$INSTDIR\paramdesk.com"
  Delete "$INSTDIR\paramdesk.ico"
  Delete "$INSTDIR\LICENSE.txt"
!macroend

Section
  !insertmacro RemoveFiles
  SetOutPath "$INSTDIR"
  File /r "@PAYLOAD@/*"
  ; Programs that may not write here later would otherwise be compiled anew at each start.
  DetailPrint "Preparing a fast start ..."
  nsExec::Exec '"$INSTDIR\runtime\python.exe" -m compileall -q -j 0 "$INSTDIR\runtime\Lib" "$INSTDIR\site" "$INSTDIR\app"'
  Pop $0

  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr SHCTX "Software\${PRODUCT}" "Folder" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${PRODUCT}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\paramdesk.ico"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "The paramdesk authors"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" $0

  CreateShortCut "$SMPROGRAMS\paramdesk.lnk" "$INSTDIR\paramdesk.exe" "" "$INSTDIR\paramdesk.ico" 0 SW_SHOWNORMAL "" "@SUMMARY@"

  WriteRegStr SHCTX "Software\Classes\${CLASS}" "" "paramdesk architecture"
  WriteRegStr SHCTX "Software\Classes\${CLASS}\DefaultIcon" "" "$INSTDIR\paramdesk.ico"
  WriteRegStr SHCTX "Software\Classes\${CLASS}\shell\open\command" "" '"$INSTDIR\paramdesk.exe" "%1"'
  WriteRegStr SHCTX "Software\Classes\.paramdesk" "" "${CLASS}"
  WriteRegStr SHCTX "Software\Classes\.paramdesk" "Content Type" "application/x-paramdesk"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section Uninstall
  !insertmacro RemoveFiles
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\paramdesk.lnk"
  DeleteRegKey SHCTX "${UNINSTALL}"
  DeleteRegKey SHCTX "Software\${PRODUCT}"
  DeleteRegKey SHCTX "Software\Classes\${CLASS}"
  ReadRegStr $0 SHCTX "Software\Classes\.paramdesk" ""
  ${If} $0 == "${CLASS}"
    DeleteRegKey SHCTX "Software\Classes\.paramdesk"
  ${EndIf}
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
